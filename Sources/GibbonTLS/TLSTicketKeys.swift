// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// The keys that session tickets are sealed with: shared by all contexts and loops, so that a client resumes wherever
/// it comes back. The newest key seals; older ones open until their tickets are over.
// Safety: the C side guards the keys with a lock.
@safe
public final class TLSTicketKeys: @unchecked Sendable {
  let handle: OpaquePointer

  /// - Parameters:
  ///   - now: seconds of a clock that does not go back; the same one as for `advance`.
  ///   - rotation: seconds for which one key seals.
  ///   - lifetime: seconds for which a ticket may be used, which is the session timeout.
  public init(now: UInt64, rotation: UInt64 = 3_600, lifetime: UInt64 = 86_400) throws(TLSError) {
    // At most 16 keys are kept, so keys must not change more often than that allows.
    let rotation = max(rotation, lifetime / 12, 1)
    guard let handle = unsafe gibbon_tls_tickets_new(now, rotation, lifetime) else {
      throw TLSError(.system, "no random bytes for session tickets")
    }
    unsafe self.handle = unsafe handle
  }

  deinit {
    // Safety: contexts hold this object, and sessions hold their contexts.
    unsafe gibbon_tls_tickets_free(self.handle)
  }

  /// Makes a new key when it is time, and forgets those that are over. Call it every minute or so.
  /// - Returns: whether there is a new key.
  @discardableResult
  public func advance(to now: UInt64) -> Bool {
    // Safety: the handle lives as long as this object.
    unsafe gibbon_tls_tickets_advance(self.handle, now) == 1
  }

  /// How many keys can open tickets.
  public var count: Int {
    // Safety: the handle lives as long as this object.
    unsafe gibbon_tls_tickets_count(self.handle)
  }
}
