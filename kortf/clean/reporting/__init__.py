"""What a cleaning did: counts, samples, the files that show them."""
