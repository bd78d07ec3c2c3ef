"""The library `valuation`."""
