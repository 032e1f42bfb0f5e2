"""Starts Radd on one machine: the environment, the two servers, the processes, the tests and the checks.

Standard library only, since it runs under the system's Python before anything is installed.
"""
