// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A parser under measurement.
struct Target: Sendable {
  let name: String
  /// Steps that one byte of input may cost.
  let stepsPerByte: Int
  /// What an input may cost whatever its length.
  var baseSteps = 4000
  let seeds: [String]
  let run: @Sendable ([UInt8]) -> Void

  static let all = Self.ofTheWire + Self.ofAdministration + Self.ofPlugins + Self.ofGRPC
}
