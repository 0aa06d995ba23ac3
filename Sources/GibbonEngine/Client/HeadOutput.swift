// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A head that is being written, in the form of HTTP/1: what logs show, and what leaves over HTTP/1.
struct HeadOutput {
  var output: ByteBuffer
  /// Where the head begins, with its status line; before it is what has not been sent yet.
  let start: Int
  /// Where the field lines begin.
  let fields: Int
}
