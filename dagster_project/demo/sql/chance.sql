-- Chance without a random number generator: the same seed, purpose and key always give the same draw.
-- The settings that these macros read (seed(), first_day(), last_day(), data_start()) are made in Python.

-- A number from 0 up to, and not including, 1.
create macro roll(purpose, key) as
    (hash(hash(key, purpose, seed())) >> 11) / 9007199254740992::double;

-- A whole number from 0 up to, and not including, choices.
create macro pick(purpose, key, choices) as
    (hash(hash(key, purpose, seed())) % choices::ubigint)::bigint;

-- One of the values of a list.
create macro choose(purpose, key, options) as
    options[1 + pick(purpose, key, len(options))];

-- A moment of the day between two hours, as seconds since midnight.
create macro second_between(purpose, key, first_hour, last_hour) as
    first_hour * 3600 + pick(purpose, key, (last_hour - first_hour) * 3600);

-- So many seconds after a moment, and after the start of a day. Numbers add faster than intervals do.
create macro later(happened_at, seconds) as
    make_timestamp(epoch_us(happened_at) + seconds::bigint * 1000000);

create macro moment(day, seconds) as
    later(day::timestamp, seconds);

-- An id that tells nothing: a bijection on 32 bits, another one for each odd multiplier.
create macro opaque(number, multiplier) as
    (number::ubigint * multiplier) % 4294967296;

-- A person's id, as the truth spells it.
create macro person_id(person_number) as
    'person-' || person_number;

-- The day on which something reaches the landing folder: what is older comes with the first files.
create macro landing_day(happened_at) as
    greatest(happened_at::date, first_day());

create macro is_within_window(happened_at) as
    happened_at::date between first_day() and last_day();
