"""The conformance suite of HustDB HA GET /get2."""
