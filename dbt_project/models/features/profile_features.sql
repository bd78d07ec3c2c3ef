-- Grain: profile_id, as_of. All features of a person on a day, side by side: what segments read.
-- Everybody who had been seen by the day is in it. A column that a theme declares is in it by itself, in the
-- declared type; only a new theme has to be named here. Leaves out whatever would name a person.
{{ joined_features([
    'demographic_features',
    'purchase_features',
    'shopping_pattern_features',
    'product_features',
    'price_features',
    'rfm_features',
    'life_cycle_features',
    'value_features',
    'engagement_features',
    'activity_features',
    'loyalty_features',
    'account_features',
    'consent_features',
    'psychographic_features',
]) }}
