"""The conformance suite of HustDB HA GET /hget2, a sibling of /get2 for keys in tables."""
