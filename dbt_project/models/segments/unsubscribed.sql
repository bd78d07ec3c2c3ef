-- Grain: profile_id, as_of.
-- People who refuse e-mail marketing, wherever they said so: to be left out. Who was never asked is not among
-- them, though no audience may mail them either.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where not has_email_marketing_consent
