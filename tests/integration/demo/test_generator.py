"""The demo's landing files: real purchases in them, and life as messy as it is."""

import hashlib
from pathlib import Path

import duckdb
import phonenumbers
import pytest

from dagster_project.demo.generator import TABLES, generate, real_data_file
from dagster_project.demo.window import REAL_FIRST_DAY

from .conftest import UNTIL, Retailer, make_retailer

COLUMNS = {
    "lists/segment_members": "list_name member",
    "crm/customers": "customer_id first_name last_name email phone birth_date gender street "
    "postcode city country loyalty_id income_band household_size home_ownership "
    "marital_status kids_count education occupation created_at updated_at",
    "ecommerce/accounts": "account_id first_name last_name email phone birth_date street postcode "
    "city country loyalty_id created_at updated_at",
    "ecommerce/orders": "order_id account_id email phone first_name last_name street postcode "
    "city device_id channel ordered_at",
    "ecommerce/order_items": "order_id line_number product_id quantity sales_amount "
    "retail_discount coupon_discount coupon_match_discount",
    "ecommerce/returns": "return_id order_id line_number product_id quantity refund_amount reason "
    "returned_at",
    "ecommerce/reviews": "review_id account_id product_id rating reviewed_at",
    "store/receipts": "receipt_id store_id loyalty_id email purchased_at",
    "store/receipt_items": "receipt_id line_number product_id quantity sales_amount "
    "retail_discount coupon_discount coupon_match_discount",
    "store/returns": "return_id receipt_id line_number product_id quantity refund_amount reason "
    "returned_at",
    "loyalty/members": "loyalty_id first_name last_name email phone birth_date postcode tier "
    "joined_at updated_at",
    "loyalty/points": "points_id loyalty_id receipt_or_order_id reason points recorded_at",
    "loyalty/redemptions": "redemption_id loyalty_id coupon_id campaign_id redeemed_on",
    "web/events": "event_id event_type session_id device_id account_id product_id order_id page "
    "duration_seconds platform occurred_at",
    "email/engagement": "event_id subscriber_id email campaign_id event_type occurred_at",
    "fitness/workouts": "workout_id user_id email activity duration_minutes distance_km started_at",
    "support/tickets": "ticket_id customer_id email phone topic status created_at solved_at",
    "support/surveys": "survey_id email loyalty_id question answer answered_at",
    "support/survey_answers": "answer_id survey_id question answer answered_at",
    "preferences/consents": "consent_id subject_id email phone purpose is_granted changed_at",
    "catalog/products": "product_id product_name manufacturer_id department brand brand_type "
    "category product_type package_size unit_cost launched_on",
    "catalog/campaigns": "campaign_id campaign_type name starts_on ends_on",
}

HAPPENED_AT = {
    "crm/customers": "updated_at",
    "ecommerce/accounts": "updated_at",
    "ecommerce/orders": "ordered_at",
    "ecommerce/returns": "returned_at",
    "ecommerce/reviews": "reviewed_at",
    "store/receipts": "purchased_at",
    "store/returns": "returned_at",
    "loyalty/members": "updated_at",
    "loyalty/points": "recorded_at",
    "loyalty/redemptions": "redeemed_on",
    "web/events": "occurred_at",
    "email/engagement": "occurred_at",
    "fitness/workouts": "started_at",
    "support/tickets": "coalesce(solved_at, created_at)",
    "support/surveys": "answered_at",
    "support/survey_answers": "answered_at",
    "preferences/consents": "changed_at",
}

ARRIVES_WITH_ITS_PAST = {
    "crm/customers",
    "ecommerce/accounts",
    "loyalty/members",
    "fitness/workouts",
    "preferences/consents",
}

FAULTY_CUSTOMER = "coalesce(birth_date, '') = '1985-02-31'"
FAULTY_ORDER = "year(ordered_at) > 2040"

KEYS = {
    "crm__customers": ("crm/customers", "customer_id", f"not {FAULTY_CUSTOMER}"),
    "ecommerce__accounts": ("ecommerce/accounts", "account_id", "true"),
    "ecommerce__orders": (
        "ecommerce/orders",
        "order_id",
        f"account_id is null and not {FAULTY_ORDER}",
    ),
    "store__receipts": ("store/receipts", "receipt_id", "loyalty_id is null and email is not null"),
    "loyalty__members": ("loyalty/members", "loyalty_id", "true"),
    "web__devices": ("web/events", "device_id", "true"),
    "email__subscribers": ("email/engagement", "subscriber_id", "true"),
    "fitness__users": ("fitness/workouts", "user_id", "true"),
    "support__tickets": ("support/tickets", "ticket_id", "true"),
    "support__surveys": ("support/surveys", "survey_id", "true"),
    "preferences__subjects": ("preferences/consents", "subject_id", "true"),
}


def fingerprints(landing: Path) -> dict[str, str]:
    return {
        str(path.relative_to(landing)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(landing.rglob("*.*"))
    }


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    for name in ("once", "again"):
        make_retailer(tmp_path / name, customers=60, days=30)
    assert fingerprints(tmp_path / "once") == fingerprints(tmp_path / "again")


def test_another_seed_makes_other_people(tmp_path: Path) -> None:
    make_retailer(tmp_path / "one", customers=60, days=10, seed=1)
    make_retailer(tmp_path / "two", customers=60, days=10, seed=2)
    first, second = (fingerprints(tmp_path / name) for name in ("one", "two"))
    members = "landing/loyalty/members/2026-10-22.csv"
    assert first[members] != second[members]


def test_a_rerun_replaces_its_tables_and_leaves_other_folders_alone(tmp_path: Path) -> None:
    stranger = tmp_path / "landing" / "erp" / "invoices" / "2026-10-01.csv"
    outdated = tmp_path / "landing" / "crm" / "customers" / "2020-01-01.csv"
    half_done = tmp_path / ".generating-landing" / "landing" / "crm" / "customers" / "half.csv"
    for path in (stranger, outdated, half_done):
        path.parent.mkdir(parents=True)
        path.write_text("id\n")
    make_retailer(tmp_path, customers=30, days=5)
    assert stranger.exists()
    assert not outdated.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"landing", "truth"}


def test_nobody_is_no_retailer(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one person"):
        generate(tmp_path / "landing", tmp_path / "truth.parquet", until=UNTIL, customers=0)


def test_exactly_as_many_people_are_made_as_were_asked_for(small_retailer: Retailer) -> None:
    assert small_retailer.summary.people == 400


@pytest.mark.parametrize("table", COLUMNS)
def test_files_have_exactly_the_columns_of_their_table(
    small_retailer: Retailer, table: str
) -> None:
    columns = [row[0] for row in small_retailer.rows(f'describe "{table}"')]
    assert columns == [*COLUMNS[table].split(), "landed_on"]


def test_every_table_of_the_retailer_is_looked_at_here() -> None:
    assert {table.name for table in TABLES} == set(COLUMNS)


@pytest.mark.parametrize("table", HAPPENED_AT)
def test_a_row_lies_in_the_file_of_its_day(small_retailer: Retailer, table: str) -> None:
    moment = f"try_cast({HAPPENED_AT[table]} as timestamp)::date"
    first_day = f"date '{small_retailer.summary.first_day}'"
    expected = f"greatest({moment}, {first_day})" if table in ARRIVES_WITH_ITS_PAST else moment
    elsewhere = small_retailer.value(
        f'select count(*) from "{table}" where landed_on != {expected} and year({moment}) < 2040'
    )
    assert elsewhere == 0


def test_the_summary_counts_the_rows_that_were_written(small_retailer: Retailer) -> None:
    counted = {
        name: small_retailer.value(f'select count(*) from "{name}"')
        for name in small_retailer.summary.rows
    }
    assert counted == dict(small_retailer.summary.rows)


def test_lines_belong_to_baskets_of_the_same_day(small_retailer: Retailer) -> None:
    for items, baskets, key in (
        ("ecommerce/order_items", "ecommerce/orders", "order_id"),
        ("store/receipt_items", "store/receipts", "receipt_id"),
    ):
        strays = small_retailer.value(
            f'select count(*) from "{items}" as items where {key} is not null and not exists '
            f'(from "{baskets}" as b where b.{key} = items.{key} and b.landed_on = items.landed_on)'
        )
        assert strays == 0


def test_keys_of_purchases_are_unique(small_retailer: Retailer) -> None:
    for table, key in (
        ("ecommerce/orders", "order_id"),
        ("ecommerce/order_items", "order_id, line_number"),
        ("store/receipts", "receipt_id"),
        ("store/receipt_items", "receipt_id, line_number"),
        ("ecommerce/returns", "return_id"),
        ("store/returns", "return_id"),
        ("loyalty/redemptions", "redemption_id"),
        ("loyalty/points", "points_id"),
    ):
        first = key.split(",")[0]
        repeated = small_retailer.rows(
            f'select {key} from "{table}" where {first} is not null '
            "group by all having count(*) > 1 limit 1"
        )
        assert repeated == [], table


def test_sales_are_the_real_ones_to_the_cent(whole_retailer: Retailer) -> None:
    shift = whole_retailer.summary.first_day - REAL_FIRST_DAY
    sold = whole_retailer.value(
        """
        select sum(sales_amount) from (
            select sales_amount from "ecommerce/order_items" where order_id is not null
            union all
            select sales_amount from "store/receipt_items" where receipt_id is not null
        )
        """
    )
    really_sold = whole_retailer.value(
        f"""
        select sum(sales_value::decimal(12, 2))
        from read_parquet('{real_data_file("transactions")}')
        where transaction_timestamp::date + {shift.days} <= date '{UNTIL}'
        """
    )
    assert sold == really_sold


def test_each_real_redemption_lands_once(whole_retailer: Retailer) -> None:
    shift = whole_retailer.summary.first_day - REAL_FIRST_DAY
    really_redeemed = whole_retailer.value(
        f"""
        select count(*) from read_parquet('{real_data_file("coupon_redemptions")}')
        where redemption_date::date + {shift.days} <= date '{UNTIL}'
        """
    )
    assert whole_retailer.summary.rows["loyalty/redemptions"] == really_redeemed


def test_cards_are_never_used_before_they_are_given_out(whole_retailer: Retailer) -> None:
    early = whole_retailer.value(
        """
        with joined as (
            select loyalty_id, min(joined_at)::timestamp as joined_at
            from "loyalty/members" group by 1
        ),

        uses as (
            select loyalty_id, purchased_at as used_at from "store/receipts"
            union all
            select loyalty_id, redeemed_on::timestamp from "loyalty/redemptions"
        )

        select count(*) from uses left join joined using (loyalty_id)
        where uses.loyalty_id is not null and (joined_at is null or used_at < joined_at)
        """
    )
    assert early == 0


@pytest.mark.parametrize("size", ["small_retailer", "whole_retailer"])
def test_the_truth_covers_every_record_once(size: str, request: pytest.FixtureRequest) -> None:
    retailer: Retailer = request.getfixturevalue(size)
    for source, (table, key, condition) in KEYS.items():
        landed = retailer.rows(
            f'select distinct {key} from "{table}" '
            f"where {key} is not null and {condition} order by 1"
        )
        known = retailer.rows(
            f"select source_record_id from read_parquet('{retailer.truth}') "
            f"where source = '{source}' order by 1"
        )
        assert known == landed, source


def test_phone_numbers_are_valid_however_they_are_written(whole_retailer: Retailer) -> None:
    phones = whole_retailer.rows(
        'select distinct phone from "crm/customers" where phone is not null'
    )
    written = [phone for (phone,) in phones if phone not in ("0000000000", "000-000-0000")]
    assert len({sum(not character.isdigit() for character in phone) for phone in written}) > 2
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone, "US")) for phone in written)


MESS = {
    "people in a system twice": """
        select count(*) from (
            select person_id from truth where source = 'crm__customers'
            group by 1 having count(*) > 1
        )""",
    "phones shared in a household": """
        select count(*) from (
            select right(regexp_replace(phone, '\\D', '', 'g'), 10) as digits
            from "crm/customers" inner join truth
                on customer_id = source_record_id and source = 'crm__customers'
            where phone not like '000%' group by 1 having count(distinct person_id) > 1
        )""",
    "e-mails shared in a household": """
        select count(*) from (
            select lower(trim(email)) from "crm/customers" inner join truth
                on customer_id = source_record_id and source = 'crm__customers'
            where lower(email) != 'none@none.com' group by 1 having count(distinct person_id) > 1
        )""",
    "junk e-mails": """select count(*) from "crm/customers" where email ilike 'none@none.com'""",
    "junk phones": """select count(*) from "crm/customers" where phone = '0000000000'""",
    "missing e-mails": """select count(*) from "crm/customers" where email is null""",
    "tags in e-mails": """select count(*) from "ecommerce/accounts" where email like '%+%@%'""",
    "shouted names": """
        select count(*) from "ecommerce/accounts" where last_name = upper(last_name)""",
    "changed addresses": """
        select count(*) from (
            select customer_id from "crm/customers" group by 1 having count(distinct postcode) > 1
        )""",
    "guest checkouts": """select count(*) from "ecommerce/orders" where account_id is null""",
    "devices seen before login": """
        select count(*) from (
            select device_id from "web/events" group by 1
            having min(occurred_at) filter (where account_id is null)
                < min(occurred_at) filter (where account_id is not null)
        )""",
    "tablets of two accounts": """
        select count(*) from (
            select device_id from "web/events" where account_id is not null
            group by 1 having count(distinct account_id) > 1
        )""",
    "anonymous receipts": """
        select count(*) from "store/receipts" where loyalty_id is null and email is null""",
    "carts that were left": """
        select count(*) from (
            select session_id from "web/events" group by 1
            having bool_or(event_type = 'add_to_cart') and not bool_or(event_type = 'checkout')
        )""",
    "changes of mind": """
        select count(*) from (
            select subject_id, purpose from "preferences/consents"
            where is_granted in ('true', 'false')
            group by all having count(distinct is_granted) > 1
        )""",
    "unsubscribed readers": """
        select count(*) from "email/engagement" where event_type = 'unsubscribed'""",
    "addresses without a mailbox": """
        select count(*) from "email/engagement" where event_type = 'bounced'""",
    "people with an address that bounced and one that did not": """
        with people as (
            select subscriber_id, any_value(person_id) as person_id,
                bool_or(event_type = 'bounced') as has_bounced
            from "email/engagement" inner join truth
                on subscriber_id = source_record_id and source = 'email__subscribers'
            group by 1
        )

        select count(*) from (
            select person_id from people group by 1 having count(distinct has_bounced) > 1
        )""",
}


@pytest.mark.parametrize("kind", MESS)
def test_life_is_messy(whole_retailer: Retailer, kind: str) -> None:
    whole_retailer.connection.execute(
        f"create or replace temp view truth as from read_parquet('{whole_retailer.truth}')"
    )
    assert whole_retailer.value(MESS[kind]) > 0


def test_a_mail_that_bounced_was_the_last_to_its_subscriber_and_read_by_nobody(
    whole_retailer: Retailer,
) -> None:
    heard_of_later = whole_retailer.value(
        """
        with bounces as (
            select subscriber_id, min(occurred_at) as bounced_at
            from "email/engagement" where event_type = 'bounced' group by 1
        )

        select count(*) from "email/engagement" as events
        inner join bounces using (subscriber_id)
        where occurred_at > bounced_at or event_type in ('opened', 'clicked', 'unsubscribed')
        """
    )
    assert heard_of_later == 0


FAULTS = {
    "customers without an id": """
        select count(*) from "crm/customers" where customer_id is null""",
    "birth dates that are none": f"""
        select count(*) from "crm/customers" where {FAULTY_CUSTOMER}""",
    "orders from years ahead": f"""
        select count(*) from "ecommerce/orders" where {FAULTY_ORDER}""",
    "receipts without an id": """
        select count(*) from "store/receipts" where receipt_id is null""",
    "lines of no receipt": """
        select count(*) from "store/receipt_items" where receipt_id is null""",
    "unknown events": """
        select count(*) from "web/events" where event_type = 'page_veiw'""",
    "events from years ahead": """
        select count(*) from "web/events" where year(occurred_at) > 2040""",
    "keys twice in a file": """
        select count(*) from (
            select landed_on, event_id from "web/events" where event_id is not null
            group by all having count(*) > 1
        )""",
    "returns of no receipt": """
        select count(*) from "store/returns" where receipt_id is null""",
    "reviews without a star": """
        select count(*) from "ecommerce/reviews" where rating = 0""",
    "answers to questions that nobody asked": """
        select count(*) from "support/survey_answers" where question = 'horoscope'""",
    "moments that are none": """
        select count(*) from "loyalty/points" where recorded_at = 'yesterday'""",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_some_rows_are_there_to_be_rejected_and_they_are_few(
    whole_retailer: Retailer, kind: str
) -> None:
    faulty = whole_retailer.value(FAULTS[kind])
    assert 0 < faulty < 1500


def test_what_comes_back_was_bought_before_and_not_for_more(whole_retailer: Retailer) -> None:
    for source, items, key in (
        ("ecommerce", "order_items", "order_id"),
        ("store", "receipt_items", "receipt_id"),
    ):
        returned, matched = whole_retailer.rows(
            f"""
            select count(*), count(*) filter (
                where items.product_id = returns.product_id
                    and returns.quantity between 1 and items.quantity
                    and returns.refund_amount <= items.sales_amount
                    and returns.landed_on > items.landed_on
            )
            from "{source}/returns" as returns
            left join "{source}/{items}" as items using ({key}, line_number)
            where {key} is not null
            """
        )[0]
        assert matched == returned
        sold = whole_retailer.summary.rows[f"{source}/{items}"]
        assert 0.001 < returned / sold < 0.02


def test_reviewers_have_bought_what_they_review(whole_retailer: Retailer) -> None:
    reviews, of_purchases = whole_retailer.rows(
        """
        select count(*), count(*) filter (where exists (
            from "ecommerce/orders" as orders
            inner join "ecommerce/order_items" as items using (order_id)
            where orders.account_id = reviews.account_id
                and items.product_id = reviews.product_id
                and orders.landed_on < reviews.landed_on
        ))
        from "ecommerce/reviews" as reviews
        """
    )[0]
    assert reviews > 500
    assert of_purchases == reviews


def test_accounts_of_reviews_and_surveys_of_answers_are_there(whole_retailer: Retailer) -> None:
    for table, other, key in (
        ("ecommerce/reviews", "ecommerce/accounts", "account_id"),
        ("support/survey_answers", "support/surveys", "survey_id"),
    ):
        strays = whole_retailer.value(
            f'select count(*) from "{table}" where {key} not in '
            f'(select {key} from "{other}" where {key} is not null)'
        )
        assert strays == 0, table


def test_each_question_of_a_second_page_may_have_several_answers(whole_retailer: Retailer) -> None:
    several = whole_retailer.rows(
        """
        select question, max(answers) from (
            select survey_id, question, count(distinct answer) as answers
            from "support/survey_answers" where question != 'horoscope' group by all
        )
        group by 1 order by 1
        """
    )
    assert [question for question, _ in several] == [
        "interest",
        "lifestyle",
        "motive",
        "personality",
        "value",
    ]
    assert all(answers > 1 for _, answers in several)


def test_products_cost_less_than_they_are_sold_for(whole_retailer: Retailer) -> None:
    priced, costs, sales = whole_retailer.rows(
        """
        select count(distinct product_id), sum(quantity * unit_cost)::double,
            sum(sales_amount)::double
        from "store/receipt_items" inner join (
            select distinct product_id, unit_cost from "catalog/products"
            where unit_cost is not null
        ) using (product_id)
        """
    )[0]
    assert priced > 50_000
    assert 0.55 < costs / sales < 0.85


def test_a_product_is_launched_on_the_day_of_its_first_sale_or_before_the_data(
    whole_retailer: Retailer,
) -> None:
    first_day = whole_retailer.summary.first_day
    sold_before, launched_later, late = whole_retailer.rows(
        f"""
        with first_sales as (
            select product_id, min(landed_on) as first_sold_on from (
                select product_id, landed_on from "store/receipt_items"
                union all select product_id, landed_on from "ecommerce/order_items"
            ) group by 1
        ),

        launches as (select distinct product_id, launched_on from "catalog/products")

        select count(*) filter (where first_sold_on < launched_on),
            count(*) filter (where launched_on = first_sold_on),
            count(*) filter (
                where first_sold_on < date '{first_day}' + 60 and launched_on >= date '{first_day}'
            )
        from first_sales inner join launches using (product_id)
        """
    )[0]
    assert sold_before == 0
    assert launched_later > 10_000
    assert late == 0


def test_some_share_products_and_the_app_is_used_by_those_who_order_there(
    whole_retailer: Retailer,
) -> None:
    shares = whole_retailer.value(
        """select count(*) from "web/events" where event_type = 'social_share'"""
    )
    elsewhere = whole_retailer.value(
        """
        select count(*) from "web/events" as events
        inner join "ecommerce/orders" as orders using (order_id)
        where events.event_type = 'checkout' and events.platform != orders.channel
        """
    )
    assert shares > 200
    assert elsewhere == 0


def test_customers_are_new_and_old(whole_retailer: Retailer) -> None:
    first_day = whole_retailer.summary.first_day
    newcomers, all_members = whole_retailer.rows(
        f"""
        select count(distinct loyalty_id) filter (where joined_at::date > date '{first_day}' + 60),
            count(distinct loyalty_id)
        from "loyalty/members"
        """
    )[0]
    assert 0.02 < newcomers / all_members < 0.5


def test_workouts_tell_athletes_from_casual_runners(whole_retailer: Retailer) -> None:
    weekly = """
        select user_id, count(*) as workouts from "fitness/workouts"
        where started_at between timestamp '2026-09-07' and timestamp '2026-09-14'
            and workout_id is not null
        group by 1
    """
    athletes = whole_retailer.value(f"select count(*) from ({weekly}) where workouts >= 5")
    casual = whole_retailer.value(f"select count(*) from ({weekly}) where workouts <= 2")
    assert athletes > 50
    assert casual > 50


def test_a_large_population_shares_no_address_by_chance(tmp_path: Path) -> None:
    make_retailer(tmp_path, customers=20_000, days=2)
    with duckdb.connect() as connection:
        across_households = connection.execute(
            f"""
            with contacts as (
                select person_id, lower(trim(email)) as email
                from read_csv('{tmp_path}/landing/crm/customers/*.csv', all_varchar = true) as crm
                inner join read_parquet('{tmp_path}/truth/people.parquet') as truth
                    on crm.customer_id = truth.source_record_id and truth.source = 'crm__customers'
                where email is not null and email not ilike 'none@none.com'
            )
            select count(*) from (
                select email from contacts group by 1
                -- A household's people have neighbouring numbers.
                having max(split_part(person_id, '-', 2)::bigint)
                    - min(split_part(person_id, '-', 2)::bigint) > 1
            )
            """
        ).fetchall()[0][0]
    # A typo may turn one address into another one; two people of one name may not share one.
    assert across_households < 10
