// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

// Its parts come with the next commits.
internal import GibbonCQL
