// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a property has no effect, once for all that share the reason.
extension Property.Status {
  static let manager = Self.notYet("the web manager comes with a later version")
  static let tls = Self.notYet("calls of plugins have the TLS library's own limits in this version")
  static let streams = Self.notYet("TCP and UDP streams come with a later version")
  static let hybrid = Self.notYet("control and data planes come with a later version")
  static let store = Self.notYet("databases come with a later version")
  static let tracing = Self.notYet("tracing comes with a later version")
  static let wasm = Self.notYet("Wasm filters come with a later version")
  static let lua = Self.notYet("Lua plugins come with a later version")
  static let pluginServers = Self.notYet("plugin servers come with a later version")

  static let ownFormats = Self.notYet("log formats of one's own come with a later version")

  static let bufferGrows = Self.accepted("the memory of a head grows with the head")
  static let seesAll = Self.accepted("plugins see all of them; the size of the head is what is limited")
  static let acceptsInTurns = Self.accepted("an event loop accepts up to 64 connections in one turn")
  static let oneErrorLog = Self.accepted("Gibbon has one error log: proxy_error_log")
  static let noCommands = Self.accepted("Gibbon's TLS takes no commands of OpenSSL")
  static let noNginx = Self.accepted("Gibbon runs no nginx")
  static let noLua = Self.accepted("Gibbon's proxy runs no Lua")
  static let noSharedMemory = Self.accepted("Gibbon is one process and shares its memory anyway")
  static let noCache = Self.accepted("Gibbon keeps its routes and services in memory")
}
