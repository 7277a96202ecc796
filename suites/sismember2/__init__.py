"""The conformance suite of HustDB HA POST /sismember2, a sibling of /get2 for the members of sets."""
