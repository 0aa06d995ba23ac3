// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore

extension CQLValue {
  var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  var integer: Int64? {
    switch self {
    case .bigint(let number): number
    case .int(let number): Int64(number)
    default: nil
    }
  }

  var double: Double? {
    guard case .double(let number) = self else { return nil }
    return number
  }

  var bytes: [UInt8]? {
    guard case .blob(let bytes) = self else { return nil }
    return bytes
  }

  var id: EntityID? {
    guard case .uuid(let id) = self else { return nil }
    return id
  }
}
