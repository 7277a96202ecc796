"""Freedoms of Geode in `GET /geode/v1/{region}/{keys}`, by theme."""
