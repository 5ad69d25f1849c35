"""What work directories hold, as tables, curves and one page. Knows files, no framework."""
