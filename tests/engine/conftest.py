"""What an optional extra brings is tested where the extra is installed: `make bench`, or the extra `statsforecast`."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("statsforecast") else ["test_with_statsforecast.py"]
