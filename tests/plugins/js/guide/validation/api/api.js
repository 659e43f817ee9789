var plugin = {},
common = require('../../../api/utils/common.js'),
{validateUserForWrite} = require('../../../api/utils/rights.js'),
plugins = require('../../pluginManager.js');
(function(plugin) {
//handling some custom path
plugins.register("/i/ourplugin", function(ob) {
//get parameters
var params = ob.params; //request params
validateUserForWrite(params, function(params) {
//user is validated
//you can process request
});
//need to return true, so core does not repond that path does not exist
return true;
});
}(plugin));
module.exports = plugin;
