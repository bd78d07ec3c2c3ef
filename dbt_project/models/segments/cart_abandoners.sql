-- Grain: profile_id, as_of.
-- People who put something into a cart in the last seven days, and have neither taken it out, nor
-- checked out or ordered since.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where has_abandoned_cart
