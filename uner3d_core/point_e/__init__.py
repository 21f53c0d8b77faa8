# SPDX-License-Identifier: Apache-2.0
"""Point-E (Nichol et al. 2022, arXiv 2212.08751): one image, or a sentence, to a coloured cloud."""
