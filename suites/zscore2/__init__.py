"""The conformance suite of HustDB HA GET and POST /zscore2, a sibling of /get2 for the scores of sorted sets."""
