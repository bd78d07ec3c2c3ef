"""What a deployment settles for itself, in `settings.yaml` of its home.

Belongs here: that file, and what it may say. Does not belong here: what an installation declares
for its sources, segments and audiences (`defs`, `dbt_project`), the settings of the Dagster
instance (`dagster.yaml`), and secrets, which come from the environment.
"""

from datetime import date

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from dagster_project.home import Home


class SettingsError(ValueError):
    """The settings of a deployment cannot be used; the text names the file and what to do."""


class Settings(BaseModel):
    """The settings of one deployment.

    Attributes:
        first_day: The first day of its history, the first partition. Files that landed before
            it belong to it: what there was when the deployment began goes in with its first day.
        fuzzy_matching: Whether records may be one person's though they share no identifier. Its
            parameters are the deployment's own matter: train them before switching it on.
        value_prediction: Whether the features predict what customers will order. Its parameters
            are the deployment's own matter: train them before switching it on.
        identity_truth: A Parquet file that says who is who, its path from the home; identities are
            scored by it. Null or empty: there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_day: date = date(2024, 1, 1)
    fuzzy_matching: bool = False
    value_prediction: bool = False
    identity_truth: str | None = None


def read_settings(home: Home) -> Settings:
    """Read the settings of a deployment; without the file everything is as by default.

    Args:
        home: The deployment.

    Raises:
        SettingsError: The file is no YAML, or says what no setting is or can be.
    """
    if not home.settings.exists():
        return Settings()
    try:
        # Texts alone: dates are pydantic's matter, which says what is wrong with one.
        stated = yaml.load(home.settings.read_text(), Loader=yaml.BaseLoader)
        return Settings() if stated is None else Settings.model_validate(stated)
    except yaml.YAMLError as error:
        raise SettingsError(f"{home.settings} is no YAML: {error}") from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the whole'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise SettingsError(
            f"{home.settings} cannot be used: {problems}. It holds `first_day: YYYY-MM-DD`, "
            "`fuzzy_matching:` and `value_prediction:`, each `true` or `false`, and "
            "`identity_truth:` with the path of a file"
        ) from None


def write_settings(home: Home, settings: Settings) -> None:
    """Write the settings of a deployment, in the place of those that it had, at once.

    Args:
        home: The deployment.
        settings: What it settles.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    beside = home.settings.with_suffix(".tmp")
    beside.write_text(yaml.safe_dump(settings.model_dump(exclude_none=True), sort_keys=False))
    beside.replace(home.settings)
