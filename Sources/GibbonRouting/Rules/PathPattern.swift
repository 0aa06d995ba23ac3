// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// One of a route's `paths`.
enum PathPattern: Sendable {
  case prefix([UInt8])
  case regex(Regex)

  var isRegex: Bool {
    if case .regex = self { return true }
    return false
  }
}
