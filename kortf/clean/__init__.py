"""Clean raw text: rules that change it, rules that drop it, removal of duplicates."""
