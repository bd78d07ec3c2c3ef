"""E-mail addresses that one typing error tells apart, found without comparing all with all.

Two that differ so have in common what is left of both without one of their characters, and hardly
any others do (symmetric deletion, as in Garbe's SymSpell). The hash of such a rest is a near
address; whether two addresses that have one in common are a typing error apart, whoever compares
them looks at themselves.

Belongs here: finding near addresses. Does not belong here: what they say of two entities
(`comparisons`).
"""

from ibis.backends.duckdb import Backend

_NEAR_TEXTS = """
    list_transform(
        range({first}, length({text}) + 2),
        lambda place: left({text}, place - 1) || {text}[place + 1:]
    )
"""
# A typing error is in the mailbox, or in the domain, or exchanges the @ with a letter beside it.
# The first letter of a mailbox is never left out: addresses that differ in it are not taken for
# one. Domains are taken apart once each, since many addresses share one.
_NEAR_EMAILS = f"""
    select
        email_number,
        is_new,
        hash(near_mailbox, domain) as near_email
    from (
        select *, unnest({_NEAR_TEXTS.format(text="mailbox", first=2)}) as near_mailbox from emails
    ) as near_mailboxes
    union all
    select
        emails.email_number,
        emails.is_new,
        hash(emails.mailbox, near_domains.near_domain) as near_email
    from emails
    inner join near_domains on emails.domain = near_domains.domain
    union all
    select
        email_number,
        is_new,
        hash(mailbox || domain) as near_email
    from emails
"""
FINDING_NEAR_EMAILS = (
    """
    create table emails as
    select
        email,
        row_number() over () as email_number,
        split_part(email, '@', 1) as mailbox,
        split_part(email, '@', 2) as domain,
        bool_or(is_new) as is_new
    from (select unnest(emails) as email, is_new from stated_entities) as stated_emails
    group by email
    """,
    f"""
    create table near_domains as
    select domain, near_domain
    from (
        select domain, unnest({_NEAR_TEXTS.format(text="domain", first=1)}) as near_domain
        from (select distinct domain from emails) as domains
    ) as near_domains_of_domains
    window near_ones as (partition by near_domain)
    qualify min(domain) over near_ones <> max(domain) over near_ones
    """,
    f"""
    create table near_emails as
    with near_emails_of_new as (
        select email_number, near_email
        from ({_NEAR_EMAILS})
        where near_email in (select near_email from ({_NEAR_EMAILS}) where is_new)
    ),
    shared_near_emails as (
        select near_email
        from near_emails_of_new
        group by near_email
        having min(email_number) <> max(email_number)
    )
    select email_number, near_email
    from near_emails_of_new
    where near_email in (from shared_near_emails)
    """,
    """
    create table near_emails_of_entities as
    select cluster_id, list_sort(list(distinct near_email)) as near_emails
    from (select cluster_id, unnest(emails) as email from stated_entities) as stated_emails
    inner join emails on stated_emails.email = emails.email
    inner join near_emails on emails.email_number = near_emails.email_number
    group by cluster_id
    """,
    "drop table emails",
    "drop table near_domains",
    "drop table near_emails",
    """
    create view described_entities as
    select stated_entities.*, near_emails_of_entities.near_emails
    from stated_entities
    left join near_emails_of_entities
        on stated_entities.cluster_id = near_emails_of_entities.cluster_id
    """,
)
"""The statements of `find_near_emails`: what was found by others is to be found anew."""


def find_near_emails(connection: Backend) -> None:
    """Make the view `described_entities` of the table `stated_entities`, with near addresses.

    It says of each entity, new or known, which near addresses (`near_emails`) it has in common with
    another one, where one of the two is new; null if it has none.

    Args:
        connection: Where the entities are, with the columns `emails` and `is_new`.
    """
    for statement in FINDING_NEAR_EMAILS:
        connection.con.execute(statement)
