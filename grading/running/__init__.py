"""The class goes over the kits: runs, audits, progress."""
