// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// One request while it is matched.
struct RequestView: ~Escapable {
  let method: Span<UInt8>
  /// Without the final dot of a name written out in full; in any case of letters.
  let host: Span<UInt8>
  let path: Span<UInt8>
  let port: UInt16
  let methodBit: UInt32

  @_lifetime(copy method, copy host, copy path)
  init(method: Span<UInt8>, host: Span<UInt8>, port: UInt16, path: Span<UInt8>) {
    self.method = method
    self.host = host.withoutFinalDot
    self.path = path
    self.port = port
    self.methodBit = MethodSet.bit(of: method)
  }
}
