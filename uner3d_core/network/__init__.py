# SPDX-License-Identifier: Apache-2.0
"""The learned network: few pictures of an object in, its density and colour at any point out."""
