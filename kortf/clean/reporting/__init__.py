"""Report of a cleaning run: counts, samples, and their files."""
