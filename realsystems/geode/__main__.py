"""`python -m realsystems.geode`."""

from __future__ import annotations

from realsystems.geode.runner import main

raise SystemExit(main())
