# SPDX-License-Identifier: Apache-2.0
"""Training of the network from sets of posed pictures. Nothing here reads a true surface."""
