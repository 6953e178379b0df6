"""Device Advisor's tests on a kit: the local core judges the wire, the bench adds serial line, build and crashes."""
