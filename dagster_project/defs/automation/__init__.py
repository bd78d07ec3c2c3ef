"""When things run, and who hears of it when they fail."""
