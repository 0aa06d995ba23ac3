// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import Testing

@Suite struct CQLValueTests {}
