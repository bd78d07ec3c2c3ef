"""Features and segments of all real purchases, each beside what pandas makes of them."""
