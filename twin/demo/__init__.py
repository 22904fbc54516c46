"""The embedded demo district: one square kilometre in the manner of Brussels' Quartier Nord, made by a program."""

from twin.demo.build import demo_city

__all__ = ["demo_city"]
