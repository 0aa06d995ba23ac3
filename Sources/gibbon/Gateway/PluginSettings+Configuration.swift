// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonPluginAPI

extension PluginSettings {
  init(_ settings: PluginCallSettings) {
    self.init()
    self.trust.includesSystem = settings.trustsSystem
    self.trust.sources = settings.authorities
    self.keepsPrivateResponses = settings.cachesPrivate
    self.passesUnreadableBodies = settings.passesUnreadableBodies
  }
}
