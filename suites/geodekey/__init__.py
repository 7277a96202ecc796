"""The conformance suite of Apache Geode GET /geode/v1/{region}/{key}, a sibling of the multi-key GET for one key."""
