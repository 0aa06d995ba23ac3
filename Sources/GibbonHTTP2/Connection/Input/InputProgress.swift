// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where in the input the machine is.
enum InputPhase: Sendable, Equatable {
  /// Reading the client's preface, of which so many bytes came.
  case preface(Int)
  case frameHeader
  /// Gathering the payload of a frame that is looked at as a whole.
  case payload(FrameHeader)
  case data(DataProgress)
  /// Skipping the payload of a frame of an unknown type.
  case skip(Int)
  case closed
}

/// A DATA frame under way.
struct DataProgress: Sendable, Equatable {
  /// nil: what comes is dropped.
  var slot: Int?
  var id: UInt32
  /// Payload that has not come, padding included.
  var remaining: Int
  var padding = 0
  var endStream: Bool
  /// The length of the padding comes next.
  var isPadded: Bool
  /// The length of the content is known and was compared with `content-length`.
  var isChecked = false

  var content: Int { self.remaining &- self.padding }
}

/// A header block under way (RFC 9113, section 4.3).
struct BlockProgress: Sendable, Equatable {
  /// What becomes of the block once it is whole. It is decoded in any case: both sides' tables must stay the same.
  enum Purpose: Sendable, Equatable {
    case newStream
    case message(slot: Int)
    /// The stream has an error of its own.
    case failure(slot: Int?, HTTP2ErrorCode)
    case dropped
  }

  var stream: UInt32
  var purpose: Purpose
  var endStream: Bool
  var continuations = 0
}
