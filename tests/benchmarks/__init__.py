"""Measurements that are run by hand; nothing here is a test, and no time is asserted anywhere."""
