"""The conformance suite of Apache Geode GET /geode/v1/{region}?keys=..., a sibling of the multi-key GET."""
