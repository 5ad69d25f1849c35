"""Small inputs that once failed, from a folder of cases outside of the repository."""
