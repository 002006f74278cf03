"""Runs of lambda-sandbox in which at random something goes wrong, and the books
that must balance in the end. ../README.md says what.
"""
