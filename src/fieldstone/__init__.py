"""Fieldstone."""
