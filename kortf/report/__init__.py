"""Tables, curves and a page from work directories. Reads files, imports no framework."""
