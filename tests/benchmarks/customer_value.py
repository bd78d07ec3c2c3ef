"""How good the value prediction is on real purchases that it did not know, and how long it takes.

Run as `python -m tests.benchmarks.customer_value`: the purchases of completejourney, divided at two
days. With `--cdnow FILE`, also those of CDNOW as the literature has them (CDNOW_master.txt:
customer, date, number of CDs, dollars), 39 weeks to fit and 39 held out. For each: the parameters,
and the forecasts of the model, of zero, of the average rate, and of each customer's own past rate.
"""

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

COMPLETEJOURNEY = (
    (date(2017, 1, 1), date(2017, 7, 2), date(2017, 10, 1)),
    (date(2017, 1, 1), date(2017, 10, 1), date(2017, 12, 31)),
)
CDNOW = ((date(1997, 1, 1), date(1997, 9, 30), date(1998, 6, 30)),)


def purchases_of_cdnow(file: Path) -> str:
    """Make the query for the orders of CDNOW."""
    return (
        "select parts[1] as record_id, try_strptime(parts[2], '%Y%m%d')::date as ordered_on, "
        "sum(parts[-1]::double) as sales_amount "
        "from (select string_split_regex(trim(line), '\\s+') as parts "
        f"from read_csv('{file}', header = false, delim = '\\0', columns = {{'line': 'varchar'}})) "
        "where try_strptime(parts[2], '%Y%m%d') is not null group by all"
    )


def main() -> None:
    """Print what each division gives."""
    import duckdb

    from dagster_project.valuation.calibration import calibrate
    from dagster_project.valuation.histories import read_histories
    from dagster_project.valuation.training import fit
    from tests.integration.features.conftest import lay_out, real_purchases

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cdnow", type=Path, help="CDNOW_master.txt")
    file = options.parse_args().cdnow
    sets = [("completejourney", real_purchases(), COMPLETEJOURNEY)]
    if file:
        sets.append(("CDNOW", purchases_of_cdnow(file), CDNOW))
    with tempfile.TemporaryDirectory() as folder:
        for name, query, divisions in sets:
            path = Path(folder) / name
            warehouse = lay_out(path, duckdb.sql(query), until=divisions[-1][-1])
            for first, until, judged_until in divisions:
                with warehouse.connect(read_only=True) as connection:
                    histories = read_histories(connection, until, judged_until)
                started = time.perf_counter()
                parameters = fit(histories, first)
                seconds = time.perf_counter() - started
                calibration = calibrate(histories, parameters)
                print(
                    f"\n{name}: {histories.customers:,} customers until {until}, "
                    f"{calibration.actual:,.0f} order days in the {calibration.days} days after; "
                    f"fitted in {seconds:.1f} s\n{parameters}\n{calibration.as_markdown()}"
                )


if __name__ == "__main__":
    main()
