// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

extension ResponseHead {
  /// Whether a field is for the proxy and not for the client: what nginx keeps to itself of a service's response
  /// (`proxy_hide_header`'s own names that have no effect elsewhere).
  @inlinable
  public static func isForProxy(_ field: HeaderField, in input: Span<UInt8>) -> Bool {
    if field.known == .xAccelBuffering { return true }
    guard field.known == .other, field.name.count >= 5 else { return false }
    let name = input.extracting(field.name.bounds)
    return name[0] | 0x20 == 0x78 && name[1] == 0x2D && self.isHidden(name)
  }

  @usableFromInline
  static func isHidden(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 5: name.equalsIgnoringCase("x-pad")
    case 15: name.equalsIgnoringCase("x-accel-expires") || name.equalsIgnoringCase("x-accel-charset")
    case 16: name.equalsIgnoringCase("x-accel-redirect")
    case 18: name.equalsIgnoringCase("x-accel-limit-rate")
    default: false
    }
  }
}
