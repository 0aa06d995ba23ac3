// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The frame types of RFC 9113, section 6.
struct FrameKind: RawRepresentable, Sendable, Hashable {
  var rawValue: UInt8

  static var data: Self { Self(rawValue: 0x0) }
  static var headers: Self { Self(rawValue: 0x1) }
  static var priority: Self { Self(rawValue: 0x2) }
  static var resetStream: Self { Self(rawValue: 0x3) }
  static var settings: Self { Self(rawValue: 0x4) }
  static var pushPromise: Self { Self(rawValue: 0x5) }
  static var ping: Self { Self(rawValue: 0x6) }
  static var goAway: Self { Self(rawValue: 0x7) }
  static var windowUpdate: Self { Self(rawValue: 0x8) }
  static var continuation: Self { Self(rawValue: 0x9) }
}

/// The flags of a frame; what a bit means depends on the type.
struct FrameFlags: OptionSet, Sendable {
  var rawValue: UInt8

  static var endStream: Self { Self(rawValue: 0x1) }
  static var acknowledgement: Self { Self(rawValue: 0x1) }
  static var endHeaders: Self { Self(rawValue: 0x4) }
  static var padded: Self { Self(rawValue: 0x8) }
  static var priority: Self { Self(rawValue: 0x20) }
}

/// The parameters of SETTINGS (RFC 9113, section 6.5.2; RFC 8441, section 3).
struct SettingKey: RawRepresentable, Sendable, Hashable {
  var rawValue: UInt16

  static var headerTableSize: Self { Self(rawValue: 0x1) }
  static var enablePush: Self { Self(rawValue: 0x2) }
  static var maxConcurrentStreams: Self { Self(rawValue: 0x3) }
  static var initialWindowSize: Self { Self(rawValue: 0x4) }
  static var maxFrameSize: Self { Self(rawValue: 0x5) }
  static var maxHeaderListSize: Self { Self(rawValue: 0x6) }
  static var enableConnectProtocol: Self { Self(rawValue: 0x8) }
}
