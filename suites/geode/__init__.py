"""The requirements of Apache Geode's multi-key GET, and the checks that hold an answer to them."""
