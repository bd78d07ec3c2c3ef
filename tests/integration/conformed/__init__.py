"""The stage `conformed`."""
