# SPDX-License-Identifier: Apache-2.0
"""What kinds of objects there are: each function adds the parts of one to an assembly."""
