// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

/// What every store must do, whatever it keeps its entities in. The parts are in files of their own.
@Suite struct StoreConformance {}
